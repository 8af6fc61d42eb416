import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { api, send, upload } from '@/core/api/client'
import { meQuery, queryClient } from '@/core/api/queries'
import type { Me } from '@/core/api/types'
import { Avatar } from '@/ui/Avatar'
import { Button } from '@/ui/Button'
import { Failure } from '@/ui/Failure'
import { TextField } from '@/ui/TextField'
import { toast } from '@/ui/Toast'
import { useAct } from '@/ui/useAct'
import { useForm } from '@/ui/useForm'
import { squarePicture } from './picture'

/** Name, address and picture, as colleagues see them. */
export function AboutMe({ me }: { me: Me }) {
  const { t } = useTranslation(['profile', 'common'])
  const form = useForm({
    initial: { name: me.user.name, email: me.user.email ?? '' },
    check: ({ name }) => (name.trim() ? {} : { name: t('common:form.required') }),
    fieldOfCode: { nameInvalid: 'name', loginInvalid: 'email', nameTaken: 'email' },
    submit: async ({ name, email }) => {
      const answer = await send(api.PATCH('/me', { body: { name: name.trim(), email: email.trim() } }))
      queryClient.setQueryData(meQuery.queryKey, answer)
      toast.done(t('common:action.saved'))
    },
  })
  return (
    <section className="pr-part">
      <h2>{t('about')}</h2>
      <p className="lead">{t('aboutDetail', { login: me.user.login })}</p>
      <Picture me={me} />
      <form className="form" onSubmit={form.onSubmit} noValidate>
        <TextField label={t('name')} {...form.field('name')} autoComplete="name" />
        <TextField label={t('email')} {...form.field('email')} type="email" autoComplete="email" />
        <Failure text={form.failure} />
        <Button type="submit" look="soft" busy={form.busy}>
          {t('common:action.save')}
        </Button>
      </form>
    </section>
  )
}

function Picture({ me }: { me: Me }) {
  const { t } = useTranslation(['profile', 'common'])
  const input = useRef<HTMLInputElement>(null)
  const [change, busy] = useAct(async (file: File) => {
    await upload('/me/avatar', await squarePicture(file))
    await queryClient.invalidateQueries(meQuery)
  })
  return (
    <div className="pr-who">
      <Avatar name={me.user.name} id={me.user.id} url={me.user.avatarUrl} size={72} />
      <div>
        <div className="acts">
          <Button busy={busy} onClick={() => input.current?.click()}>
            {t('picture')}
          </Button>
        </div>
        <p className="hint">{t('pictureHint')}</p>
        <input
          ref={input}
          type="file"
          hidden
          accept="image/png,image/jpeg,image/webp,image/gif"
          aria-label={t('picture')}
          onChange={(event) => {
            const file = event.target.files?.[0]
            if (file) void change(file)
            event.target.value = ''
          }}
        />
      </div>
    </div>
  )
}
