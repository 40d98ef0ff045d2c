/** A package `ws` without a network, for what has to do with time. */
import { EventEmitter } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { PassThrough } from 'node:stream';
import type { WsModule, WsSocket } from '../../src/websocket/wsModule.ts';

/** A socket that notes what is done with it. */
export class FakeSocket extends EventEmitter {
  readyState = 1;
  bufferedAmount = 0;
  readonly done: string[] = [];
  send(data: Uint8Array): void {
    this.done.push(`send ${data.length}`);
  }
  ping(): void {
    this.done.push('ping');
  }
  close(code?: number): void {
    this.readyState = 2;
    this.done.push(`close ${code}`);
  }
  terminate(): void {
    this.readyState = 3;
    this.done.push('terminate');
  }
  pause(): void {
    this.done.push('pause');
  }
  resume(): void {
    this.done.push('resume');
  }
  /** The other side sends. */
  says(...bytes: number[]): void {
    this.emit('message', Buffer.from(bytes), true);
  }
  /** The connection has ended. */
  ends(code = 1006): void {
    this.readyState = 3;
    this.emit('close', code, Buffer.alloc(0));
  }
}

/** The package: what a client connects with, and what each handshake of a server gives. */
export class FakeWs {
  readonly sockets: FakeSocket[] = [];
  readonly http: EventEmitter & { address(): { port: number } } = Object.assign(new EventEmitter(), {
    address: () => ({ port: 4242 }),
    listening: true,
  });
  readonly module: WsModule;

  constructor() {
    const { sockets } = this;
    class Client extends FakeSocket {
      constructor() {
        super();
        this.readyState = 0;
        sockets.push(this);
      }
    }
    class Handshaker extends EventEmitter {
      handleUpgrade(
        _request: unknown,
        _socket: unknown,
        _head: unknown,
        done: (opened: WsSocket) => void,
      ): void {
        const socket = new FakeSocket();
        sockets.push(socket);
        done(socket as unknown as WsSocket);
      }
    }
    this.module = { WebSocket: Client, WebSocketServer: Handshaker } as unknown as WsModule;
  }

  /** For createServerOn. */
  get server(): Server {
    return this.http as unknown as Server;
  }

  /** Somebody joins the server. */
  join(ip = '192.0.2.1'): FakeSocket {
    const socket = Object.assign(new PassThrough(), { remoteAddress: ip, remotePort: 5555 });
    const request = { url: '/', headers: {}, socket } as unknown as IncomingMessage;
    this.http.emit('upgrade', request, socket, Buffer.alloc(0));
    const made = this.sockets.at(-1);
    if (made === undefined) throw new Error('it was refused');
    return made;
  }
}
