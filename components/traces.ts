type Formatter = NonNullable<typeof Error.prepareStackTrace>;

/**
 * Formats stack traces: the frames of this project, mapped to its sources by `mapped`, but not those of an `Error` without a message, which
 * the SDK makes for every promise and resource only to note where it was: mapping them is a quarter of a second of every run. Over a mapped
 * frame of the SDK's Node 20 spends half a minute colouring it.
 */
export const briefTraces =
  (mapped: Formatter): Formatter =>
  (error, frames) => {
    const own = frames.filter((frame) => !/^node:|\/node_modules\//.test(frame.getFileName() ?? ""));
    return error.message ? mapped(error, own) : [`${error}`, ...own].join("\n    at ");
  };

// What loads TypeScript has put its own there; without it Node's is quick enough.
if (Error.prepareStackTrace) Error.prepareStackTrace = briefTraces(Error.prepareStackTrace);
