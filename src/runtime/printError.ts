/** Where errors go that nobody takes: the process of all goes on. */

/** Prints an error, and where it came up, to the console. */
export function printError(error: unknown, where: string): void {
  console.error(`godot-enet: ${where}:`, error);
}
