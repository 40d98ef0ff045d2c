// Written by `godot-enet types`: changes are lost. The project is what counts.
import {
  asScene,
  type TypedNode,
  type TypedScene,
  TypedScript,
} from 'godot-enet/project';
import type {
  InstanceInput,
  RpcDeclarations,
  SceneMirror,
} from 'godot-enet/schema';

/** What res://main.gd declares. */
export interface MainTypes {
  rpcs: {
    wave: [];
  };
  variables: {};
}

/** The base of a class for res://main.gd: its RPCs, to be written where everybody may call them. */
export abstract class MainScript extends TypedScript<'Node2D', MainTypes> {
  static override readonly path: string = 'res://main.gd';
  static override readonly rpcs: RpcDeclarations = {
    wave: { rpcMode: 'any_peer', argumentTypes: [] },
  };
  abstract wave(): void;
}

/** What res://player.gd declares. */
export interface PlayerTypes {
  rpcs: {};
  variables: {
    direction: 'Vector2';
    score: 'int';
  };
}

/** The base of a class for res://player.gd. */
export abstract class PlayerScript extends TypedScript<'Node2D', PlayerTypes> {
  static override readonly path: string = 'res://player.gd';
}

/** The nodes of res://main.tscn. */
export interface MainScene {
  '.': TypedNode<'Node2D', MainTypes>;
  'Players': TypedNode<'Node2D'>;
  'Spawner': TypedNode<'MultiplayerSpawner'>;
}

/** The nodes of res://player.tscn. */
export interface PlayerScene {
  '.': TypedNode<'Node2D', PlayerTypes>;
  'Body': TypedNode<'ColorRect'>;
  'Label': TypedNode<'Label'>;
  'State': TypedNode<'MultiplayerSynchronizer'>;
  'Input': TypedNode<'MultiplayerSynchronizer'>;
}

/** The scenes by their paths. */
export interface Scenes {
  'res://main.tscn': MainScene;
  'res://player.tscn': PlayerScene;
}

/** Makes the nodes of a scene, with their types. */
export function instantiate<P extends keyof Scenes>(
  mirror: SceneMirror,
  path: P,
  overrides: InstanceInput = {},
): TypedScene<Scenes[P]> {
  return asScene<Scenes[P]>(mirror.instantiate(path, overrides));
}
