import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useDeferredValue, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { BoardAccessEntry } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { SelectField } from '@/ui/antd/SelectField'
import { Button } from '@/ui/Button'
import { pathOf } from '@/ui/departmentTree'
import { Icon } from '@/ui/Icon'
import { useAct } from '@/ui/useAct'
import { type EntryRole, entryRoles, keyOf } from './access'
import { departmentsQuery, findPeople } from './queries'

interface AddAccessProps {
  entries: readonly BoardAccessEntry[]
  ownerId: string
  onAdd: (entries: BoardAccessEntry[]) => Promise<boolean>
}

type Candidate = Omit<BoardAccessEntry, 'role' | 'name'> & { name: string; detail?: string }

/** Finds people and departments by name or pinyin, and gives them a role. */
export function AddAccess({ entries, ownerId, onAdd }: AddAccessProps) {
  const { t } = useTranslation(['boards', 'common'])
  const id = useId()
  const [words, setWords] = useState('')
  const [chosen, setChosen] = useState<Candidate[]>([])
  const [role, setRole] = useState<EntryRole>('editor')
  const { found, busy } = useCandidates(words, entries, ownerId)
  const [add, adding] = useAct(async () => {
    if (await onAdd(chosen.map(({ detail: _, ...entry }) => ({ ...entry, role })))) setChosen([])
  })
  const known = new Map([...found, ...chosen].map((one) => [keyOf(one), one]))
  const option = (one: Candidate) => ({ value: keyOf(one), label: one.name })
  const listed = found.map(option)
  const rest = words ? [] : chosen.filter((one) => !found.some((other) => keyOf(other) === keyOf(one)))
  return (
    <div className="bd-add">
      <div className="field grow">
        <label htmlFor={id}>{t('share.add')}</label>
        <Select
          id={id}
          mode="multiple"
          value={chosen.map(keyOf)}
          onChange={(keys: string[]) => {
            setWords('')
            setChosen(keys.flatMap((key) => known.get(key) ?? []))
          }}
          showSearch={{ filterOption: false, onSearch: setWords, searchValue: words }}
          placeholder={t('share.addHint')}
          loading={busy}
          notFoundContent={busy ? t('share.searching') : t('share.nobody')}
          labelRender={({ value }) => known.get(String(value))?.name}
          optionRender={({ value }) => <Row candidate={known.get(String(value))} />}
          options={[...listed, ...rest.map(option)]}
        />
      </div>
      <SelectField
        label={t('share.role')}
        value={role}
        onChange={setRole}
        popupMatchSelectWidth={false}
        options={entryRoles.map((value) => ({ value, label: t(`role.${value}`) }))}
      />
      <Button look="soft" disabled={chosen.length === 0} busy={adding} onClick={() => void add()}>
        {t('share.submit')}
      </Button>
    </div>
  )
}

function Row({ candidate }: { candidate: Candidate | undefined }) {
  if (!candidate) return null
  return (
    <span className="bd-option">
      {candidate.kind === 'person' ? (
        <Avatar name={candidate.name} id={candidate.id} url={candidate.avatarUrl} size={24} />
      ) : (
        <Icon name="building" />
      )}
      {candidate.name}
      {candidate.detail && <small>{candidate.detail}</small>}
    </span>
  )
}

/** Who could be added: people whom the words find, then departments; without those who have a role already. */
function useCandidates(words: string, entries: readonly BoardAccessEntry[], ownerId: string) {
  const search = useDeferredValue(words.trim())
  const people = useQuery({
    queryKey: ['people', 'find', search],
    queryFn: () => findPeople(search),
    placeholderData: keepPreviousData,
  })
  const departments = useQuery(departmentsQuery)
  const there = new Set(entries.map(keyOf))
  const all = departments.data ?? []
  const found: Candidate[] = [
    ...(people.data ?? [])
      .filter((person) => person.id !== ownerId)
      .map((person) => ({
        kind: 'person' as const,
        id: person.id,
        name: person.name,
        ...(person.avatarUrl ? { avatarUrl: person.avatarUrl } : {}),
        ...(person.departments[0] ? { detail: person.departments[0].name } : {}),
      })),
    ...all
      .filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()))
      .slice(0, 20)
      .map(({ id, name, parentId }) => ({
        kind: 'department' as const,
        id,
        name,
        ...(parentId ? { detail: pathOf(all, parentId) } : {}),
      })),
  ]
  return { found: found.filter((one) => !there.has(keyOf(one))), busy: people.isFetching }
}
