/** What the parts of a Handoff have in common. */
import type { RoomServer } from '../../rooms/index.ts';
import type { RoomServerParts } from '../../rooms/internal.ts';
import type { ClientDoor } from './clientDoor.ts';
import type { HandoffNode } from './handoffNode.ts';
import type { HandoffSettings } from './handoffOptions.ts';
import type { TicketDesk } from './ticketDesk.ts';
import type { Tickets } from './tickets.ts';

/** The parts. */
export interface HandoffParts {
  readonly roomServer: RoomServer;
  readonly rooms: RoomServerParts;
  readonly node: HandoffNode;
  readonly settings: HandoffSettings;
  readonly tickets: Tickets;
  readonly desk: TicketDesk;
  readonly door: ClientDoor;
  /** Whether nothing comes here any more. */
  isClosed(): boolean;
}
