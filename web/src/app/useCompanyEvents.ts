/** Placeholder replaced when core/events lands. */
export function useCompanyEvents(): void {}
