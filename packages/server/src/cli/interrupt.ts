/** Runs `work` with a signal that aborts at Ctrl-C. Resolves to whether it was aborted. A second Ctrl-C ends the process. */
export async function untilInterrupted(work: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  try {
    await work(interrupted.signal);
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
  } finally {
    process.off('SIGINT', interrupt);
  }
  return interrupted.signal.aborted;
}
