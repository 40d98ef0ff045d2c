/** What must compile for rooms, and what must not. Checked by tsc. */
import { Room, type RoomOptionsOf, type RoomServer } from '../../src/rooms.ts';

class Match extends Room<{ readonly title: string }> {
  score = 0;
  override onCreate({ title }: { readonly title: string }): void {
    this.metadata = { title };
    // Rooms make others in the same way.
    const other: Promise<Match> = this.server.create(Match, { title });
    void other;
  }
}

class Plain extends Room {}

declare const rooms: RoomServer;

// By its class a room has its own type, and its options have theirs.
const match: Promise<Match> = rooms.create(Match, { title: 'Friday' }, { id: 'one' });
void match.then(({ score }) => score);
void rooms.create(Match);
// @ts-expect-error it is another option
void rooms.create(Match, { titel: 'Friday' });
// @ts-expect-error it is another type
void rooms.create(Match, { title: 5 });
const plain: Promise<Plain> = rooms.create(Plain, { any: 'thing' });
void plain;

// By the name of a kind nobody knows.
const some: Promise<Room> = rooms.create('match', { title: 5 });
void some;
// @ts-expect-error it may be another class
const wrong: Promise<Match> = rooms.create('match');
void wrong;
// @ts-expect-error no class of a room
void rooms.create(Map);

const options: RoomOptionsOf<Match> = { title: 'Friday' };
void options;

rooms.define('match', Match, { title: 'any' });
// @ts-expect-error the options of define are those of the class
rooms.define('other', Match, { title: 5 });
