/** A room of the game that goes to other nodes. */
import type { Note } from '../rooms/game.ts';
import { Hall } from '../rooms/Hall.ts';

/** Beside its tree it has a number, and what it heard. */
export class HandoffHall extends Hall {
  override onSnapshot(): unknown {
    const { tag, notes, hooks } = this;
    return { tag, notes, hooks };
  }

  override onRestore(state: unknown): void {
    const { tag, notes, hooks } = state as { tag: number; notes: Note[]; hooks: string[] };
    this.tag = tag;
    this.notes.push(...notes);
    this.hooks.push(...hooks);
  }
}
