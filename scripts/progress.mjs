// Tells how a long command goes on: one line that changes on a terminal, a line now and then elsewhere. May import nothing but
// Node itself: scripts/setup.mjs uses it before anything is installed.
import { spawn } from 'node:child_process';

/**
 * Runs a command. What it prints is shown when it fails, and only then.
 *
 * @param title what is done, for people.
 * @param how how far it is, in a few words; asked twice a second.
 * @returns its exit code.
 */
export async function runWithProgress(title, command, args, options, how = () => '') {
  const beganMs = Date.now();
  const { isTTY, columns = 80 } = process.stdout;
  let said = '';
  let toldAtMs = beganMs;
  const words = (far) =>
    [title, far, `${Math.round((Date.now() - beganMs) / 1000)} s`].filter((part) => part !== '').join(', ');
  const tell = () => {
    if (isTTY) process.stdout.write(`\r\u001b[K${words(how()).slice(0, columns - 1)}`);
    else if (Date.now() - toldAtMs >= PLAIN_MS) {
      toldAtMs = Date.now();
      console.log(words(how()));
    }
  };
  if (isTTY) tell();
  else console.log(title);
  const timer = setInterval(tell, TERMINAL_MS);
  const status = await new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const hear = (chunk) => {
      said = (said + chunk).slice(-MOST_SAID);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.once('error', (error) => {
      said += `${error.message}\n`;
      resolve(1);
    });
    child.once('close', (code) => resolve(code ?? 1));
  });
  clearInterval(timer);
  if (isTTY) process.stdout.write('\r\u001b[K');
  console.log(`${words('')}: ${status === 0 ? 'done' : 'FAILED'}`);
  if (status !== 0) process.stderr.write(said);
  return status;
}

const TERMINAL_MS = 200;
const PLAIN_MS = 5000;
/** The end of what a command has said tells why it failed. */
const MOST_SAID = 100_000;
