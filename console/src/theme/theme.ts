// How the console looks: calm, dense, readable; the same shapes in light and dark. Colours that carry a meaning are in theme.css.
import { createTheme, type MantineColorsTuple } from '@mantine/core'

const plumb: MantineColorsTuple = [
  '#edf5fa',
  '#dbe8f1',
  '#b3d0e3',
  '#88b6d5',
  '#659fc8',
  '#4d8fbd',
  '#3a7da9',
  '#296a94',
  '#1f577b',
  '#154563',
]

/** From text to the deepest ground, as Mantine counts them. */
const dark: MantineColorsTuple = [
  '#dde3eb',
  '#bcc5d1',
  '#9ba6b4',
  '#838e9d',
  '#3a434f',
  '#2a313b',
  '#20262e',
  '#14181d',
  '#0f1216',
  '#0a0c0f',
]

export const theme = createTheme({
  primaryColor: 'plumb',
  primaryShade: { light: 7, dark: 7 },
  colors: { plumb, dark },
  fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace",
  headings: { fontWeight: '600' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { md: '1.45' },
  defaultRadius: 'sm',
  radius: { sm: '6px', md: '8px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  focusRing: 'auto',
})
