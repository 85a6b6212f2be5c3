type Formatter = NonNullable<typeof Error.prepareStackTrace>;

const isForeign = (frame: NodeJS.CallSite): boolean => /^node:|\/node_modules\//.test(frame.getFileName() ?? "");

/**
 * Makes a formatter of stack traces that maps only this project's frames to its sources, with `mapped`. Other frames
 * are left out, because mapping one of the SDK's takes half a minute. They stay, unmapped, in an `Error` without a
 * message: the SDK makes one for each resource and counts its frames to find the program's line.
 */
export function ownFramesOnly(mapped: Formatter): Formatter {
  const places = new Map<string, string>();
  const place = (frame: NodeJS.CallSite): string => {
    const raw = `${frame}`;
    if (isForeign(frame)) return raw;
    const mappedPlace = places.get(raw) ?? `${mapped(new Error(), [frame])}`.replace(/^.*\n +at /, "");
    places.set(raw, mappedPlace);
    return mappedPlace;
  };
  return (error, frames) =>
    error.message
      ? mapped(
          error,
          frames.filter((frame) => !isForeign(frame)),
        )
      : [`${error}`, ...frames.map(place)].join("\n    at ");
}

// The loader of TypeScript sets a formatter of its own; where there is none, Node's is quick enough.
if (Error.prepareStackTrace) Error.prepareStackTrace = ownFramesOnly(Error.prepareStackTrace);
