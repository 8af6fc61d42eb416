import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useDeferredValue, useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Avatar } from '@/ui/Avatar'
import { findPeople } from './queries'

export interface Pick {
  id: string
  name: string
  avatarUrl?: string
}

interface PeopleSelectProps {
  label: string
  hint: string
  value: string[]
  /** People whose names are known already. */
  known: readonly Pick[]
  coHosts: string[]
  onChange: (ids: string[]) => void
  onCoHosts: (ids: string[]) => void
}

/** Chooses people of the company by name or pinyin, and among them those who may host as well. */
export function PeopleSelect({ label, hint, value, known, coHosts, onChange, onCoHosts }: PeopleSelectProps) {
  const { t } = useTranslation('meetings')
  const id = useId()
  const [q, setQ] = useState('')
  const [chosen, setChosen] = useState<ReadonlyMap<string, Pick>>(
    () => new Map(known.map((person) => [person.id, person])),
  )
  const search = useDeferredValue(q)
  const found = useQuery({
    queryKey: ['people', 'find', search],
    queryFn: () => findPeople(search),
    placeholderData: keepPreviousData,
  })
  const change = (ids: string[]) => {
    const people = new Map(chosen)
    for (const person of found.data ?? []) if (ids.includes(person.id)) people.set(person.id, person)
    setChosen(people)
    setQ('')
    onChange(ids)
  }
  const nameOf = (personId: string) => chosen.get(personId)?.name ?? personId
  const listed = new Set(found.data?.map((person) => person.id))
  return (
    <>
      <div className="field">
        <label htmlFor={id}>{label}</label>
        <Select
          id={id}
          mode="multiple"
          value={value}
          onChange={change}
          showSearch={{ filterOption: false, onSearch: setQ, searchValue: q }}
          placeholder={hint}
          loading={found.isFetching}
          notFoundContent={found.isPending ? t('people.searching') : t('people.none')}
          labelRender={({ value: personId }) => nameOf(String(personId))}
          optionRender={({ data }) => (
            <span className="sch-option">
              <Avatar name={data.name} id={data.value} url={data.avatarUrl} size={24} />
              {data.name}
              <small>{data.department}</small>
            </span>
          )}
          options={[
            ...(found.data ?? []).map((person) => ({
              value: person.id,
              label: person.name,
              name: person.name,
              avatarUrl: person.avatarUrl,
              department: person.departments[0]?.name,
            })),
            ...value
              .filter((personId) => !listed.has(personId) && !q)
              .map((personId) => ({
                value: personId,
                label: nameOf(personId),
                name: nameOf(personId),
                avatarUrl: chosen.get(personId)?.avatarUrl,
                department: undefined,
              })),
          ]}
        />
      </div>
      {value.length > 0 && (
        <div className="field">
          <label htmlFor={`${id}-cohosts`}>{t('field.coHosts')}</label>
          <Select
            id={`${id}-cohosts`}
            mode="multiple"
            value={coHosts.filter((personId) => value.includes(personId))}
            onChange={onCoHosts}
            placeholder={t('field.coHostsHint')}
            optionFilterProp="label"
            options={value.map((personId) => ({ value: personId, label: nameOf(personId) }))}
          />
        </div>
      )}
    </>
  )
}
