import { useQuery } from '@tanstack/react-query'
import { type CSSProperties, lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send } from '@/core/api/client'
import type { Department } from '@/core/api/types'
import { Button, IconButton } from '@/ui/Button'
import { Confirm } from '@/ui/Confirm'
import { type Branch, departmentTree, flatten } from '@/ui/departmentTree'
import { Icon } from '@/ui/Icon'
import { Menu } from '@/ui/Menu'
import { Empty, Loaded } from '@/ui/states'
import { toast } from '@/ui/Toast'
import { Head } from './Head'
import { departmentsQuery, refreshPeople } from './queries'

const DepartmentDialog = lazy(async () => ({
  default: (await import('./DepartmentDialog')).DepartmentDialog,
}))

type Asking = { act: 'create'; parentId?: string } | { act: 'edit' | 'delete'; department: Department }

/** The departments as a tree, to be added to, renamed, moved and removed. */
export function DepartmentsAdmin() {
  const { t, i18n } = useTranslation('admin')
  const [asking, setAsking] = useState<Asking>()
  const departments = useQuery(departmentsQuery)
  const close = () => setAsking(undefined)
  const create = (
    <Button look="primary" icon="plus" onClick={() => setAsking({ act: 'create' })}>
      {t('departments.create')}
    </Button>
  )
  return (
    <>
      <Head title={t('departments.title')}>{departments.data?.length ? create : null}</Head>
      <Loaded query={departments} failed={t('departments.failed')}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon="folder" title={t('departments.none')} actions={create}>
              {t('departments.noneDetail')}
            </Empty>
          ) : (
            <ul className="ad-rows">
              {flatten(departmentTree(list, i18n.language)).map((branch) => (
                <DepartmentRow key={branch.department.id} branch={branch} ask={setAsking} />
              ))}
            </ul>
          )
        }
      </Loaded>
      <Suspense fallback={null}>
        {asking?.act === 'create' && (
          <DepartmentDialog {...(asking.parentId ? { parentId: asking.parentId } : {})} onClose={close} />
        )}
        {asking?.act === 'edit' && <DepartmentDialog department={asking.department} onClose={close} />}
        {asking?.act === 'delete' && <DeleteDialog department={asking.department} onClose={close} />}
      </Suspense>
    </>
  )
}

function DepartmentRow({ branch, ask }: { branch: Branch<Department>; ask: (asking: Asking) => void }) {
  const { t } = useTranslation(['admin', 'common'])
  const { department, depth } = branch
  const acts = t('departments.acts', { name: department.name })
  return (
    <li className="branch" style={{ '--depth': depth } as CSSProperties}>
      <Icon name="folder" size={16} />
      <span className="grow">
        <b className="ellipsis">{department.name}</b>
      </span>
      <span className="muted num">{t('common:count.people', { count: branch.people })}</span>
      <Menu
        label={acts}
        align="end"
        entries={[
          {
            kind: 'item',
            key: 'edit',
            label: t('departments.edit'),
            icon: 'edit',
            onSelect: () => ask({ act: 'edit', department }),
          },
          {
            kind: 'item',
            key: 'child',
            label: t('departments.createChild'),
            icon: 'plus',
            onSelect: () => ask({ act: 'create', parentId: department.id }),
          },
          {
            kind: 'item',
            key: 'delete',
            label: t('departments.delete'),
            icon: 'trash',
            bad: true,
            onSelect: () => ask({ act: 'delete', department }),
          },
        ]}
        button={(props) => <IconButton icon="more" label={acts} {...props} />}
      />
    </li>
  )
}

function DeleteDialog({ department, onClose }: { department: Department; onClose: () => void }) {
  const { t } = useTranslation('admin')
  const remove = async () => {
    await send(api.DELETE('/departments/{id}', { params: { path: { id: department.id } } }))
    await refreshPeople()
    toast.done(t('departments.deleted', { name: department.name }))
  }
  return (
    <Confirm
      title={t('departments.deleteTitle', { name: department.name })}
      act={t('departments.delete')}
      onConfirm={remove}
      onClose={onClose}
    >
      {t('departments.deleteDetail')}
    </Confirm>
  )
}
