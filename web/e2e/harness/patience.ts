/**
 * How long a test waits for what must come, in milliseconds. What several browsers do at once on two cores can take long,
 * so no test is told to wait for less.
 */
export const patienceMs = 60_000
