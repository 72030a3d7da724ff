// Written by vite.config.ts.
declare module 'virtual:mantine.css'
declare module 'virtual:theme.css'
