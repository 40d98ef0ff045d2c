/** What the multiplayer layer of Godot puts into packets. Re-exports only. */

export {
  type Godot3Outgoing,
  Godot3PathCache,
  type Godot3PathCacheOptions,
  type Godot3Received,
} from './Godot3PathCache.ts';
export {
  decodeGodot3Payload,
  encodeGodot3Payload,
  Godot3Command,
  type Godot3CommandId,
  type Godot3ConfirmPath,
  type Godot3NodeIdRef,
  type Godot3NodePathRef,
  type Godot3NodeRef,
  type Godot3Payload,
  type Godot3Raw,
  type Godot3RemoteCall,
  type Godot3RemoteSet,
  type Godot3SimplifyPath,
} from './godot3Payload.ts';
