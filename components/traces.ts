type Formatter = NonNullable<typeof Error.prepareStackTrace>;

/**
 * Formats stack traces: of an error, the frames of this project, mapped to its sources by `mapped`; of an `Error` without a message, which
 * the SDK makes for every promise and resource only to note where it was, whatever costs least. Mapping those is a quarter of a second of
 * every run, and over a mapped frame of the SDK's Node 20 spends half a minute colouring it.
 */
export const briefTraces =
  (mapped: Formatter): Formatter =>
  (error, frames) => {
    if (!error.message) return [`${error}`, ...frames].join("\n    at ");
    return mapped(
      error,
      frames.filter((frame) => !/^node:|\/node_modules\//.test(frame.getFileName() ?? "")),
    );
  };

// What loads TypeScript has put its own there; without it Node's is quick enough.
if (Error.prepareStackTrace) Error.prepareStackTrace = briefTraces(Error.prepareStackTrace);
