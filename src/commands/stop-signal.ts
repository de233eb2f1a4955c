/** The exit code of a process that was told twice to stop: 128 and the number of SIGINT. */
const interrupted = 130;

/**
 * Calls `stop` at the first SIGINT or SIGTERM. A second one ends the process at once: nothing is lost by that, since
 * what is not acked comes again. Answers with a function that forgets about signals.
 */
export function onStopSignal(stop: (signal: NodeJS.Signals) => void): () => void {
  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(interrupted);
    stopping = true;
    stop(signal);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
}
