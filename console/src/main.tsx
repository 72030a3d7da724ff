// The console begins: theme, what was asked and is remembered, and the screens.
import '@fontsource-variable/inter/wght.css'
import 'virtual:mantine.css'
import 'virtual:theme.css'
import './theme/theme.css'
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { loadAhead } from './ahead.ts'
import { Refusal } from './api/client.ts'
import { keepFresh } from './api/live.ts'
import { firstScreen } from './first.ts'
import { makeRouter } from './router.tsx'
import { theme } from './theme/theme.ts'

const client = new QueryClient({
  defaultOptions: {
    // Plumbline may run on this very machine, which needs no network.
    mutations: { networkMode: 'always' },
    queries: {
      networkMode: 'always',
      staleTime: 2_000,
      // A refusal in words will be the same again; what did not answer may.
      retry: (failures, error) => failures < 2 && !(error instanceof Refusal && error.status > 0 && error.status < 500),
      refetchOnWindowFocus: false,
    },
  },
})
keepFresh(client)
const router = makeRouter(client)
const root = document.getElementById('root')
if (!root) throw new Error('The page has no place for the console')

await firstScreen(router, client)
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        colorSchemeManager={localStorageColorSchemeManager({ key: 'plumbline.colours' })}
        // Both would be <style> elements, which the content policy refuses; vite.config.ts makes the variables a file.
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <RouterProvider router={router} />
      </MantineProvider>
    </QueryClientProvider>
  </StrictMode>,
)
loadAhead(router)
