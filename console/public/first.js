// Before the first paint, while the console itself is on its way. A file of its own, since nothing inline is allowed to run.

// The colour scheme that was chosen last, so that nobody is dazzled at night.
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

// What the console will ask for first, so that the answer is on its way too. Taken by src/api/client.ts, by the same address.
{
  const { pathname, search } = location
  const asked = /^\/journeys\/([^/]+)$/.exec(pathname)?.[1]
  const addresses = ['/api/numbers']
  if (asked !== undefined) addresses.unshift(`/api/journeys/${asked}`)
  else if ((pathname === '/' || pathname === '/journeys') && search === '')
    addresses.unshift('/api/journeys?state=open&limit=50')
  const ask = address => {
    const answer = fetch(address, { headers: { accept: 'application/json' } })
    // Whoever takes it hears of it.
    answer.catch(() => undefined)
    return [address, answer]
  }
  globalThis.plumblineAsked = new Map(addresses.map(ask))
}
