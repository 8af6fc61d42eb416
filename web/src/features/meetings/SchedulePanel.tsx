import { useNavigate } from '@tanstack/react-router'
import { DatePicker, Drawer, InputNumber, Segmented, Select, Switch, TimePicker } from 'antd'
import dayjs from 'dayjs'
import { type ReactNode, useId } from 'react'
import { useTranslation } from 'react-i18next'
import type { Meeting } from '@/core/api/types'
import { AntdScope, layers } from '@/ui/antd/AntdScope'
import { Button } from '@/ui/Button'
import { Failure } from '@/ui/Failure'
import { duration } from '@/ui/format'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/Toast'
import { useForm } from '@/ui/useForm'
import { phoneQuery, useMedia } from '@/ui/useMedia'
import { PeopleSelect, type Pick } from './PeopleSelect'
import { bodyOf, durations, newPlan, type Plan, planOf } from './plan'
import { createMeeting, updateMeeting } from './queries'
import { type End, frequencies, once, type Recurrence, toRRule } from './recurrence'
import { zoneWords } from './times'
import { useRecurrenceWords } from './useRecurrenceWords'
import '@/ui/antd/dialog.css'
import './schedule.css'

interface ScheduleProps {
  meeting?: Meeting
  onClose: () => void
}

/** Plans a meeting, or edits one. */
export function SchedulePanel({ meeting, onClose }: ScheduleProps) {
  const { t } = useTranslation(['meetings', 'common'])
  const navigate = useNavigate()
  const phone = useMedia(phoneQuery)
  const form = useForm<Plan>({
    initial: meeting ? planOf(meeting) : newPlan(new Date()),
    check: (plan) => (meeting || plan.title.trim() ? {} : { title: t('common:form.required') }),
    submit: async (plan) => {
      const body = bodyOf(plan, Intl.DateTimeFormat().resolvedOptions().timeZone)
      const saved = meeting ? await updateMeeting(meeting.id, body) : await createMeeting(body)
      toast.done(meeting ? t('common:action.saved') : t('schedule.done'))
      onClose()
      await navigate({ to: '/meetings/$meetingId', params: { meetingId: saved.id } })
    },
  })
  const known: Pick[] = meeting?.invitees ?? []
  return (
    <AntdScope>
      <Drawer
        open
        getContainer={layers}
        title={meeting ? t('schedule.edit') : t('schedule.title')}
        size={phone ? '100%' : 520}
        onClose={onClose}
        closable={{ 'aria-label': t('common:action.close') }}
        footer={
          <>
            <Button onClick={onClose}>{t('common:action.cancel')}</Button>
            <Button look="primary" type="submit" form="schedule" busy={form.busy}>
              {meeting ? t('common:action.save') : t('schedule.submit')}
            </Button>
          </>
        }
      >
        <form id="schedule" className="panel-form" onSubmit={form.onSubmit} noValidate>
          <TextField
            label={t('field.title')}
            {...form.field('title')}
            maxLength={200}
            autoFocus={!meeting}
            placeholder={t('field.titleExample')}
          />
          <WhenFields plan={form.values} set={form.set} />
          <RepeatFields plan={form.values} set={form.set} />
          <PeopleSelect
            label={t('field.invitees')}
            hint={t('field.inviteesHint')}
            value={form.values.inviteeIds}
            known={known}
            coHosts={form.values.coHostIds}
            onChange={(ids) => form.set('inviteeIds', ids)}
            onCoHosts={(ids) => form.set('coHostIds', ids)}
          />
          <RuleFields plan={form.values} set={form.set} />
          <Failure text={form.failure} />
        </form>
      </Drawer>
    </AntdScope>
  )
}

interface PartProps {
  plan: Plan
  set: <K extends keyof Plan & string>(name: K, value: Plan[K]) => void
}

function WhenFields({ plan, set }: PartProps) {
  const { t, i18n } = useTranslation('meetings')
  const start = dayjs(plan.start)
  const lengths = durations.includes(plan.minutes)
    ? durations
    : [...durations, plan.minutes].sort((a, b) => a - b)
  return (
    <fieldset className="sch-when">
      <legend className="sr">{t('field.when')}</legend>
      <Labelled label={t('field.date')}>
        {(id) => (
          <DatePicker
            id={id}
            value={start}
            allowClear={false}
            inputReadOnly
            format={i18n.language === 'zh-CN' ? 'M 月 D 日 ddd' : 'ddd, D MMM'}
            disabledDate={(day) => day.isBefore(dayjs(), 'day')}
            onChange={(day) =>
              day && set('start', start.year(day.year()).month(day.month()).date(day.date()).toDate())
            }
          />
        )}
      </Labelled>
      <Labelled label={t('field.time')}>
        {(id) => (
          <TimePicker
            id={id}
            value={start}
            format="HH:mm"
            minuteStep={5}
            allowClear={false}
            needConfirm={false}
            showNow={false}
            onChange={(time) =>
              time && set('start', start.hour(time.hour()).minute(time.minute()).second(0).toDate())
            }
          />
        )}
      </Labelled>
      <Labelled label={t('field.duration')}>
        {(id) => (
          <Select
            id={id}
            value={plan.minutes}
            onChange={(minutes) => set('minutes', minutes)}
            options={lengths.map((minutes) => ({
              value: minutes,
              label: duration(minutes * 60_000, i18n.language),
            }))}
          />
        )}
      </Labelled>
      <p className="hint">{t('field.zone', { zone: zoneWords(i18n.language, plan.start) })}</p>
    </fieldset>
  )
}

function RepeatFields({ plan, set }: PartProps) {
  const { t } = useTranslation('meetings')
  const ruleWords = useRecurrenceWords()
  const { recurrence } = plan
  const change = (part: Partial<Recurrence>) => {
    if (recurrence) set('recurrence', { ...recurrence, ...part })
  }
  if (!recurrence) {
    return (
      <div className="field">
        <span className="label">{t('field.repeat')}</span>
        <p>{t('repeat.kept')}</p>
      </div>
    )
  }
  return (
    <fieldset className="sch-repeat">
      <legend className="sr">{t('field.repeat')}</legend>
      <Labelled label={t('field.repeat')}>
        {(id) => (
          <Select
            id={id}
            value={recurrence.frequency}
            onChange={(frequency) => change({ frequency })}
            options={frequencies.map((frequency) => ({
              value: frequency,
              label: ruleWords(toRRule({ ...once, frequency }, plan.start), plan.start),
            }))}
          />
        )}
      </Labelled>
      {recurrence.frequency !== 'none' && (
        <EndFields end={recurrence.end} start={plan.start} onChange={(end) => change({ end })} />
      )}
    </fieldset>
  )
}

function EndFields({ end, start, onChange }: { end: End; start: Date; onChange: (end: End) => void }) {
  const { t, i18n } = useTranslation('meetings')
  const choose = (kind: End['kind']) => {
    if (kind === 'never') onChange({ kind })
    else if (kind === 'after') onChange({ kind, count: 10 })
    else onChange({ kind, date: dayjs(start).add(3, 'month').toDate() })
  }
  return (
    <>
      <Labelled label={t('field.end')}>
        {(id) => (
          <Select
            id={id}
            value={end.kind}
            onChange={choose}
            options={(['never', 'on', 'after'] as const).map((kind) => ({
              value: kind,
              label: t(`end.${kind}`),
            }))}
          />
        )}
      </Labelled>
      {end.kind === 'on' && (
        <Labelled label={t('field.endDate')}>
          {(id) => (
            <DatePicker
              id={id}
              value={dayjs(end.date)}
              allowClear={false}
              inputReadOnly
              format={i18n.language === 'zh-CN' ? 'YYYY 年 M 月 D 日' : 'D MMM YYYY'}
              disabledDate={(day) => day.isBefore(dayjs(start), 'day')}
              onChange={(day) => day && onChange({ kind: 'on', date: day.toDate() })}
            />
          )}
        </Labelled>
      )}
      {end.kind === 'after' && (
        <Labelled label={t('field.endCount')}>
          {(id) => (
            <InputNumber
              id={id}
              min={1}
              max={365}
              precision={0}
              value={end.count}
              onChange={(count) => onChange({ kind: 'after', count: count ?? 1 })}
            />
          )}
        </Labelled>
      )}
    </>
  )
}

function RuleFields({ plan, set }: PartProps) {
  const { t } = useTranslation('meetings')
  const share = useId()
  const draw = useId()
  const everyoneOrHosts = [
    { value: 'everyone' as const, label: t('rules.everyone') },
    { value: 'hosts' as const, label: t('rules.hosts') },
  ]
  return (
    <fieldset className="sch-rules">
      <legend>{t('rules.title')}</legend>
      <Toggle
        label={t('rules.lobby')}
        detail={t('rules.lobbyDetail')}
        on={plan.lobby}
        onChange={(on) => set('lobby', on)}
      />
      <Toggle
        label={t('rules.guests')}
        detail={t('rules.guestsDetail')}
        on={plan.guestsAllowed}
        onChange={(on) => set('guestsAllowed', on)}
      />
      <div className="sch-rule">
        <span className="grow" id={share}>
          {t('rules.share')}
        </span>
        <Segmented<Plan['whoMayShare']>
          aria-labelledby={share}
          value={plan.whoMayShare}
          onChange={(who) => set('whoMayShare', who)}
          options={everyoneOrHosts}
        />
      </div>
      <div className="sch-rule">
        <span className="grow" id={draw}>
          {t('rules.draw')}
        </span>
        <Segmented<Plan['whoMayDraw']>
          aria-labelledby={draw}
          value={plan.whoMayDraw}
          onChange={(who) => set('whoMayDraw', who)}
          options={everyoneOrHosts}
        />
      </div>
    </fieldset>
  )
}

function Toggle({
  label,
  detail,
  on,
  onChange,
}: {
  label: string
  detail: string
  on: boolean
  onChange: (on: boolean) => void
}) {
  const id = useId()
  return (
    <label className="sch-rule" htmlFor={id}>
      <span className="grow">
        {label}
        <small>{detail}</small>
      </span>
      <Switch id={id} checked={on} onChange={onChange} />
    </label>
  )
}

function Labelled({ label, children }: { label: string; children: (id: string) => ReactNode }) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  )
}
