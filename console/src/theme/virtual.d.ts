// Written by vite.config.ts.
declare module 'virtual:theme.css'
