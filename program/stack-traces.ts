type Formatter = NonNullable<typeof Error.prepareStackTrace>;

const foreign = (frame: NodeJS.CallSite): boolean => /^node:|\/node_modules\//.test(frame.getFileName() ?? "");

/**
 * Formats stack traces with the frames of this project mapped to its sources by `mapped`. Of an error the others are
 * left out: over a mapped frame of the SDK's Node spends half a minute colouring it. In an `Error` without a message,
 * which the SDK makes at every resource to note where in the program it comes from, they stay, unmapped: it counts
 * them.
 */
export function briefTraces(mapped: Formatter): Formatter {
  const places = new Map<string, string>();
  const place = (frame: NodeJS.CallSite): string => {
    const raw = `${frame}`;
    if (foreign(frame)) return raw;
    const known = places.get(raw) ?? `${mapped(new Error(), [frame])}`.replace(/^.*\n +at /, "");
    places.set(raw, known);
    return known;
  };
  return (error, frames) =>
    error.message
      ? mapped(
          error,
          frames.filter((frame) => !foreign(frame)),
        )
      : [`${error}`, ...frames.map(place)].join("\n    at ");
}

// What loads TypeScript has put its own there; without it Node's is quick enough.
if (Error.prepareStackTrace) Error.prepareStackTrace = briefTraces(Error.prepareStackTrace);
