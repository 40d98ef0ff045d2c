/** A key log as a file: for whoever looks for a fault in traffic that is their own. */
import { appendFileSync } from 'node:fs';

/**
 * Opens a key log. That there is one is a process warning, once for each file; so is a file that cannot be written, and
 * the sessions go on without it.
 *
 * @param file - What lines are added to; a new file is for its owner alone.
 * @returns takes a line.
 */
export function openKeyLog(file: string): (line: string) => void {
  // At once: nobody has to wait for a client to learn that the path is wrong.
  const isOpen = append(file, '');
  if (isOpen) {
    warn(
      `${file}: the keys of DTLS sessions are written to this file. Whoever has it can read what players send, and passwords in it. ` +
        'Take the option "keyLogFile" away when you have seen what you were looking for',
    );
  }
  return (line) => append(file, `${line}\n`);
}

function append(file: string, text: string): boolean {
  try {
    appendFileSync(file, text, { mode: 0o600 });
    return true;
  } catch (error) {
    warn(`no key log is written: ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

function warn(message: string): void {
  if (told.has(message)) return;
  told.add(message);
  process.emitWarning(message, { type: 'GodotEnetWarning', code: 'GODOT_ENET_KEY_LOG' });
}

const told = new Set<string>();
