/** The standard output: no faster than its reader takes it, and no error when the reader goes away. */
let isRead = true;

/** Whether somebody still reads. */
export function hasReader(): boolean {
  return isRead;
}

/** A reader of a pipe that goes away, as `head` does, wants no more and is no error. Call it once, at the start. */
export function watchReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isRead = false;
  });
}

/** Writes, and waits for a reader that is slow, so that nothing piles up. */
export async function writeOut(text: string): Promise<void> {
  if (text === '' || process.stdout.write(text)) return;
  const events = ['drain', 'close', 'error'];
  await new Promise<void>((resolve) => {
    const go = (): void => {
      for (const event of events) process.stdout.off(event, go);
      resolve();
    };
    for (const event of events) process.stdout.on(event, go);
  });
}
