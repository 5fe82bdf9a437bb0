import { createRouter, createWebHistory } from 'vue-router'
import { useSession } from './stores/session'
import { safeNext } from './url/viewState'

export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', name: 'map', component: () => import('./pages/SituationPage.vue') },
    { path: '/alerts/:id', name: 'evidence', component: () => import('./pages/EvidencePage.vue'), props: true },
    { path: '/indicators', name: 'indicators', component: () => import('./pages/IndicatorsPage.vue') },
    { path: '/scenes', name: 'scenes', component: () => import('./pages/ScenesPage.vue') },
    { path: '/conflicts', name: 'conflicts', component: () => import('./pages/ConflictsPage.vue') },
    { path: '/devices', name: 'devices', component: () => import('./pages/DevicesPage.vue') },
    { path: '/set-aside', name: 'aside', component: () => import('./pages/SetAsidePage.vue') },
    { path: '/model', name: 'model', component: () => import('./pages/ModelPage.vue') },
    { path: '/places/:code', name: 'place', component: () => import('./pages/PlacePage.vue'), props: true },
    { path: '/people', name: 'people', component: () => import('./pages/PeoplePage.vue') },
    { path: '/sign-in', name: 'signIn', component: () => import('./pages/SignInPage.vue'), meta: { open: true, bare: true } },
    { path: '/password', name: 'password', component: () => import('./pages/PasswordPage.vue'), meta: { bare: true } },
    { path: '/:rest(.*)*', name: 'notFound', component: () => import('./pages/NotFoundPage.vue') },
  ],
})

router.beforeEach(async (to) => {
  const store = useSession()
  const session = store.session ?? (await store.refresh())
  const signedIn = session?.signedIn ?? false
  if (!signedIn) return to.meta['open'] ? true : { name: 'signIn', query: { next: to.fullPath } }
  if (store.user?.mustChangePassword && to.name !== 'password') return { name: 'password', query: { next: to.fullPath } }
  if (to.name === 'signIn') {
    const next = to.query['next']
    return safeNext(typeof next === 'string' ? next : undefined)
  }
  return true
})
