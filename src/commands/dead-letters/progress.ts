/** Tells on a terminal how far a long work is, until it is stopped. Elsewhere it tells nothing but new troubles. */
export function showProgress(
  text: () => string,
  troubles: () => Promise<readonly string[]> = () => Promise.resolve([]),
): { stop(): void } {
  const { stderr } = process;
  const erase = '\r\u001B[K';
  const told = new Set<string>();
  const timer = setInterval(() => {
    if (stderr.isTTY) stderr.write(`${erase}${text()}`);
    troubles().then(
      (found) => {
        for (const trouble of found) {
          if (!told.has(trouble)) stderr.write(`${stderr.isTTY ? erase : ''}waiting: ${trouble}\n`);
          told.add(trouble);
        }
      },
      () => undefined,
    );
  }, 500);
  return {
    stop() {
      clearInterval(timer);
      if (stderr.isTTY) stderr.write(erase);
    },
  };
}
