/** Who comes with a ticket: it waits until its room is there, and logs in as the player that the ticket names. */
import type { Login } from '../../rooms/index.ts';
import type { RoomServerParts } from '../../rooms/internal.ts';
import type { Timer } from '../../runtime/index.ts';
import { Deferred } from './deferred.ts';
import { TICKET_MARK, type Tickets } from './tickets.ts';

/** Those who come by one handoff. */
export interface Coming {
  /** Who they are. */
  readonly logins: Map<string, Login>;
  /** Whether they may come in: kept when it is known. */
  readonly isOpen: Deferred<boolean>;
  /** When nobody is waited for any more. */
  readonly timer: Timer;
}

/** The desk of one RoomServer. */
export class TicketDesk {
  readonly #parts: RoomServerParts;
  readonly #tickets: Tickets;
  readonly #coming = new Map<string, Coming>();

  constructor(parts: RoomServerParts, tickets: Tickets) {
    this.#parts = parts;
    this.#tickets = tickets;
    parts.setTickets((text) => (text.startsWith(TICKET_MARK) ? this.#read(text) : undefined));
  }

  /** Somebody may come by a handoff, for so long. @returns those who do. */
  open(transfer: string, forMs: number): Coming {
    const timer = this.#parts.context.runtime.startTimer(forMs, () => {
      coming.isOpen.resolve(false);
      if (this.#coming.get(transfer) === coming) this.#coming.delete(transfer);
    });
    const coming: Coming = { logins: new Map(), isOpen: new Deferred(), timer };
    this.#coming.set(transfer, coming);
    return coming;
  }

  /** Those who come by it may come in. */
  letIn(transfer: string): void {
    this.#coming.get(transfer)?.isOpen.resolve(true);
  }

  /** Nobody comes by it any more. */
  close(transfer: string): void {
    const coming = this.#coming.get(transfer);
    coming?.timer.cancel();
    coming?.isOpen.resolve(false);
    this.#coming.delete(transfer);
  }

  /** Nobody comes any more. */
  closeAll(): void {
    this.#parts.setTickets(undefined);
    for (const transfer of [...this.#coming.keys()]) this.close(transfer);
  }

  async #read(text: string): Promise<Login | false> {
    const ticket = await this.#tickets.read(text);
    if (typeof ticket === 'string') return this.#refuse(ticket);
    const coming = this.#coming.get(ticket.transfer);
    if (coming === undefined || !(await coming.isOpen.promise))
      return this.#refuse('nobody is waited for any more');
    const login = coming.logins.get(ticket.player);
    if (login === undefined) return this.#refuse(`${ticket.player} is not waited for`);
    if (!this.#tickets.use(ticket)) return this.#refuse('it was used before');
    return login;
  }

  #refuse(why: string): false {
    this.#parts.context.trace(`handoff: a ticket is refused: ${why}`);
    return false;
  }
}
