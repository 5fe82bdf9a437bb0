import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

// The page talks to the server it came from; while developing, that is the mock server (npm run mock) or a running service.
const server = process.env['MONITORING_SERVER'] ?? 'http://127.0.0.1:8089'

export default defineConfig({
  plugins: [vue()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  define: { __VUE_I18N_FULL_INSTALL__: 'false', __VUE_I18N_LEGACY_API__: 'false', __INTLIFY_PROD_DEVTOOLS__: 'false' },
  build: {
    outDir: '../wwwroot',
    emptyOutDir: true,
    target: 'es2022',
    // No data: URLs, so that a content security policy can stay narrow.
    assetsInlineLimit: 0,
    // The map library alone is above the default of 500 kB; it is a chunk of its own.
    chunkSizeWarningLimit: 1300,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Some static file servers do not know .mjs; a module worker needs a JavaScript media type.
        assetFileNames: (info) => (info.names[0]?.endsWith('.mjs') ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]'),
        codeSplitting: {
          groups: [
            { name: 'map', test: /node_modules[\\/](maplibre-gl|@maplibre)/ },
            { name: 'chart', test: /node_modules[\\/](echarts|zrender)/ },
            { name: 'ui', test: /node_modules[\\/](naive-ui|vueuc|vooks|css-render|@css-render|treemate|seemly|async-validator|date-fns)/ },
            { name: 'live', test: /node_modules[\\/]@microsoft[\\/]signalr/ },
            { name: 'vue', test: /node_modules[\\/](vue|@vue|vue-router|vue-i18n|@intlify|pinia)[\\/]/ },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/api': server,
      '/hubs': { target: server, ws: true },
    },
  },
  test: { include: ['tests/**/*.test.ts'], environment: 'node' },
})
