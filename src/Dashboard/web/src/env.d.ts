/// <reference types="vite/client" />

declare module '*.mjs?url' {
  const address: string
  export default address
}

declare module 'maplibre-gl/dist/maplibre-gl.css'
