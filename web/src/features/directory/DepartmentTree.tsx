import type { UseQueryResult } from '@tanstack/react-query'
import { type CSSProperties, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Department } from '@/core/api/types'
import { type Branch, departmentTree, flatten } from '@/ui/departmentTree'
import { Icon } from '@/ui/Icon'
import { Loaded } from '@/ui/states'

interface DepartmentTreeProps {
  query: UseQueryResult<Department[]>
  openId: string | undefined
  onOpen: (id: string | undefined) => void
}

/** The departments of the company; the first row is everybody. */
export function DepartmentTree({ query, openId, onOpen }: DepartmentTreeProps) {
  const { t, i18n } = useTranslation('directory')
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set())
  const fold = (id: string) => {
    const next = new Set(closed)
    if (!next.delete(id)) next.add(id)
    setClosed(next)
  }
  return (
    <Loaded query={query} failed={t('departmentsFailed')} rows={5}>
      {(departments) => (
        <ul>
          <li className="tree-row" data-open={openId === undefined} style={depth(0)}>
            <span className="fold" />
            <button
              type="button"
              className="name"
              aria-current={openId === undefined || undefined}
              onClick={() => onOpen(undefined)}
            >
              <Icon name="people" size={16} />
              {t('everyone')}
            </button>
          </li>
          {flatten(departmentTree(departments, i18n.language), closed).map((branch) => (
            <Row
              key={branch.department.id}
              branch={branch}
              open={branch.department.id === openId}
              closed={closed.has(branch.department.id)}
              onOpen={onOpen}
              onFold={fold}
            />
          ))}
        </ul>
      )}
    </Loaded>
  )
}

interface RowProps {
  branch: Branch<Department>
  open: boolean
  closed: boolean
  onOpen: (id: string) => void
  onFold: (id: string) => void
}

function Row({ branch, open, closed, onOpen, onFold }: RowProps) {
  const { t } = useTranslation('directory')
  const { department, children } = branch
  return (
    <li className="tree-row" data-open={open} style={depth(branch.depth)}>
      {children.length > 0 ? (
        <button
          type="button"
          className="fold"
          aria-expanded={!closed}
          aria-label={t('fold', { name: department.name })}
          onClick={() => onFold(department.id)}
        >
          <Icon name="right" size={14} />
        </button>
      ) : (
        <span className="fold" />
      )}
      <button
        type="button"
        className="name"
        aria-current={open || undefined}
        onClick={() => onOpen(department.id)}
      >
        <Icon name="folder" size={16} />
        <span className="ellipsis">{department.name}</span>
        <span className="num">{branch.people}</span>
      </button>
    </li>
  )
}

function depth(depth: number): CSSProperties {
  return { '--depth': depth } as CSSProperties
}
