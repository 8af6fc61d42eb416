/** Characters of a board's title. */
export const titleLimit = 200
