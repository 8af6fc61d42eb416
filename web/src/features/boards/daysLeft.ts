const day = 86_400_000

/** How long a board stays in the trash, in days. */
const trashDays = 30

/** Whole days until a deleted board is gone for good; at least one while it is still there. */
export function daysLeft(deletedAt: string, now: Date): number {
  return Math.max(1, Math.ceil((Date.parse(deletedAt) + trashDays * day - now.getTime()) / day))
}
