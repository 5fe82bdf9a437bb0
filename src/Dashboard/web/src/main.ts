import { createPinia } from 'pinia'
import { createApp } from 'vue'
import { whenSignedOut } from './api/http'
import App from './App.vue'
import { i18n, showLocale } from './i18n'
import { router } from './router'
import { useLive } from './stores/live'
import { usePreferences } from './stores/preferences'
import { useSession } from './stores/session'
import './styles/base.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
usePreferences().show()
showLocale()
whenSignedOut(() => {
  const session = useSession()
  if (!session.session?.signedIn) return
  session.forget()
  void useLive().stop()
  void router.push({ name: 'signIn', query: { next: router.currentRoute.value.fullPath } })
})
app.use(router)
app.mount('#app')
