/** What a verb ends with, for scripts: done, or as it should be; not; or it could not be told, or was typed wrong. */
export const ENDED = { well: 0, no: 1, unknown: 2 } as const;
