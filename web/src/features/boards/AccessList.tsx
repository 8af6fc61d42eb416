import { useTranslation } from 'react-i18next'
import type { BoardAccess, BoardAccessEntry } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { Icon, type IconName } from '@/ui/Icon'
import { Menu, type MenuEntry } from '@/ui/Menu'
import { type EntryRole, entryRoles, keyOf } from './access'

interface AccessListProps {
  access: BoardAccess
  ownId: string | undefined
  onRole: (entry: BoardAccessEntry, role: EntryRole) => void
  onRemove: (entry: BoardAccessEntry) => void
  onTransfer: (entry: BoardAccessEntry) => void
}

const everyone: BoardAccessEntry = { kind: 'everyone', role: 'viewer' }

/** The owner, those with a role of their own, and last everyone in the company. */
export function AccessList({ access, ownId, onRole, onRemove, onTransfer }: AccessListProps) {
  const { t } = useTranslation('boards')
  const { owner, entries, canChange } = access
  const all = entries.find(({ kind }) => kind === 'everyone')
  const rows = entries.filter(({ kind }) => kind !== 'everyone')
  return (
    <ul className="rows bd-access" aria-label={t('share.who')}>
      <li>
        <Avatar name={owner.name} id={owner.id} url={owner.avatarUrl} />
        <span className="grow ellipsis">
          {owner.name}
          {owner.id === ownId && t('share.you')}
        </span>
        <span className="muted">{t('role.owner')}</span>
      </li>
      {rows.map((entry) => (
        <li key={keyOf(entry)}>
          <Face entry={entry} />
          <span className="grow">
            <span className="ellipsis">
              {entry.name}
              {entry.kind === 'person' && entry.id === ownId && t('share.you')}
            </span>
            {entry.kind !== 'person' && <small>{t(`share.kind.${entry.kind}`)}</small>}
          </span>
          {canChange ? (
            <RoleMenu entry={entry} onRole={onRole} onRemove={onRemove} onTransfer={onTransfer} />
          ) : (
            <span className="muted">{t(`role.${entry.role}`)}</span>
          )}
        </li>
      ))}
      <li>
        <Face entry={all ?? everyone} />
        <span className="grow">
          {t('share.everyone')}
          <small>{t(all ? 'share.everyoneOn' : 'share.everyoneOff')}</small>
        </span>
        {canChange ? (
          <RoleMenu entry={all ?? everyone} none={!all} onRole={onRole} onRemove={onRemove} />
        ) : (
          <span className="muted">{t(all ? `role.${all.role}` : 'role.none')}</span>
        )}
      </li>
    </ul>
  )
}

const icons: Record<Exclude<BoardAccessEntry['kind'], 'person'>, IconName> = {
  department: 'building',
  group: 'chat',
  meeting: 'cam',
  everyone: 'globe',
}

function Face({ entry }: { entry: BoardAccessEntry }) {
  if (entry.kind === 'person') return <Avatar name={entry.name ?? ''} id={entry.id} url={entry.avatarUrl} />
  return (
    <span className="bd-face">
      <Icon name={icons[entry.kind]} />
    </span>
  )
}

interface RoleMenuProps extends Pick<AccessListProps, 'onRole' | 'onRemove'> {
  entry: BoardAccessEntry
  /** They have no role yet. */
  none?: boolean
  onTransfer?: AccessListProps['onTransfer']
}

function RoleMenu({ entry, none = false, onRole, onRemove, onTransfer }: RoleMenuProps) {
  const { t } = useTranslation('boards')
  const role = none ? t('role.none') : t(`role.${entry.role}`)
  const name = entry.name || t('share.everyone')
  const entries: MenuEntry[] = entryRoles.map((one) => ({
    kind: 'choice',
    key: one,
    label: t(`role.${one}`),
    chosen: !none && one === entry.role,
    onSelect: () => onRole(entry, one),
  }))
  if (entry.kind === 'everyone') {
    entries.push({
      kind: 'choice',
      key: 'none',
      label: t('role.none'),
      chosen: none,
      onSelect: () => !none && onRemove(entry),
    })
  } else {
    entries.push({ kind: 'line', key: 'line' })
    if (entry.kind === 'person' && onTransfer) {
      entries.push({
        kind: 'item',
        key: 'owner',
        label: t('share.transfer'),
        icon: 'star',
        onSelect: () => onTransfer(entry),
      })
    }
    entries.push({
      kind: 'item',
      key: 'remove',
      label: t('share.remove'),
      icon: 'x',
      bad: true,
      onSelect: () => onRemove(entry),
    })
  }
  return (
    <Menu
      label={t('share.roleOf', { name })}
      align="end"
      entries={entries}
      button={(props) => (
        <button
          type="button"
          className="btn text bd-role"
          aria-label={t('share.roleNow', { name, role })}
          {...props}
        >
          {role}
          <Icon name="down" size={14} />
        </button>
      )}
    />
  )
}
