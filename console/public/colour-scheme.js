// Before the first paint: the colour scheme that was chosen last, so that nobody is dazzled at night. A file of its own,
// since nothing inline is allowed to run.
{
  let chosen = 'auto'
  try {
    chosen = localStorage.getItem('plumbline.colours') ?? 'auto'
  } catch {
    // Without storage the system's own choice is taken.
  }
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
}
