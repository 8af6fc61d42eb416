import { useStore } from '@/ui/useStore'
import { useStage } from '../stageCall'
import styles from './LooseReactions.module.css'

/** Reactions of the last seconds with their names, at the edge of the bar, whoever is in sight. */
export function LooseReactions() {
  const { call } = useStage()
  const reactions = useStore(call, (snapshot) => snapshot.reactions)
  const participants = useStore(call, (snapshot) => snapshot.participants)
  return (
    <ul className={styles.reactions} aria-live="polite">
      {reactions.slice(-4).map((reaction) => (
        <li key={reaction.key}>
          <span>{reaction.emoji}</span>
          {participants.find((one) => one.id === reaction.participantId)?.name}
        </li>
      ))}
    </ul>
  )
}
