// Builds the console into dist, which the engine serves. Nothing is fetched from elsewhere, and nothing is inline.
import { convertCssVariables, DEFAULT_THEME, defaultCssVariablesResolver, mergeMantineTheme } from '@mantine/core'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'
import { theme } from './src/theme/theme.ts'

const engine = process.env.PLUMBLINE_URL ?? 'http://localhost:4600'

/** Who builds from within a test has set another one, and would get the libraries as their authors debug them. */
if (process.argv.includes('build')) process.env.NODE_ENV = 'production'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), themeVariables(), mantineStyles()],
  resolve: { conditions: ['plumbline-source', 'module', 'browser', 'development|production'] },
  build: {
    target: 'es2023',
    // What is small would become a data: address, which the content policy has no need to allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_000,
    reportCompressedSize: false,
    // Few files, since each is asked for by itself: what the first screen needs, charts, and what several of the others share.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'first', tags: ['$initial'], priority: 3 },
            { name: 'charts', test: /node_modules\/(echarts|zrender)\//, priority: 2 },
            { name: 'later', minShareCount: 2, priority: 1 },
          ],
        },
      },
    },
  },
  // The engine takes orders from its own pages alone: to it, these are.
  server: { host: '127.0.0.1', proxy: { '/api': { target: engine, changeOrigin: true, headers: { origin: engine } } } },
})

/** Mantine writes a theme's variables into a <style> of the page, which a strict policy refuses: they become a file. */
function themeVariables(): Plugin {
  const name = 'virtual:theme.css'
  return {
    name: 'plumbline:theme',
    resolveId: id => (id === name ? `\0${name}` : undefined),
    load: id =>
      id === `\0${name}`
        ? convertCssVariables(defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme)))
        : undefined,
  }
}

/** Mantine's styles are 290 KB: of them only those of the components that are used, beside the code of each. */
function mantineStyles(): Plugin {
  const name = 'virtual:mantine.css'
  const style = (component: string): string => `@mantine/core/styles/${component}.layer.css`
  let builds = true
  return {
    name: 'plumbline:mantine-styles',
    configResolved: ({ command }) => {
      builds = command === 'build'
    },
    resolveId: id => (id === name ? `\0${name}` : undefined),
    load: id => {
      if (id !== `\0${name}`) return undefined
      const needed = builds ? [style('baseline'), style('global')] : ['@mantine/core/styles.layer.css']
      return needed.map(file => `@import "${file}";`).join('\n')
    },
    transform: (code, id) => {
      const component = /@mantine\/core\/esm\/.*\/(\w+)\.module\.mjs$/.exec(id)?.[1]
      if (component === undefined) return undefined
      return { code: `import '${style(component)}'\n${code}`, map: null }
    },
  }
}
