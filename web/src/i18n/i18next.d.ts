import type { texts } from './en'
import type board from './en/board.json'
import type boards from './en/boards.json'

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common'
    resources: typeof texts & { board: typeof board; boards: typeof boards }
    returnNull: false
  }
}
