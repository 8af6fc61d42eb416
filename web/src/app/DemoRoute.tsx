import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { DemoPage } from '@/features/demo/DemoPage'
import { Loaded } from '@/ui/states'
import { demoQuery } from './demo'
import { NotFoundPage } from './NotFoundPage'
import { enter } from './session'

export function DemoRoute() {
  const { t } = useTranslation('demo')
  const people = useQuery(demoQuery)
  return (
    <Loaded query={people} failed={t('failed')}>
      {(list) => (list ? <DemoPage people={list} onSignedIn={(user) => enter(user)} /> : <NotFoundPage />)}
    </Loaded>
  )
}
