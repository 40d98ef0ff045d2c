/** Which classes the engine has: nodes from the class table, and of the others those that scripts extend most. */
import { ClassTable } from '../../schema/index.ts';

/** Whether the engine has a class, as far as is known here. */
export function isKnownNative(name: string): boolean {
  return ClassTable.GODOT_4_6.has(name) || OTHERS.has(name) || /^(?:Editor|VisualShaderNode)\w*$/.test(name);
}

const OTHERS: ReadonlySet<string> = new Set([
  'Object',
  'RefCounted',
  'Resource',
  'MainLoop',
  'SceneTree',
  'MultiplayerAPI',
  'MultiplayerAPIExtension',
  'MultiplayerPeer',
  'MultiplayerPeerExtension',
  'PacketPeerExtension',
  'SceneMultiplayer',
  'CompositorEffect',
  'Texture2D',
  'ImageTexture',
  'Mesh',
  'ArrayMesh',
  'Material',
  'ShaderMaterial',
  'StandardMaterial3D',
  'Shape2D',
  'Shape3D',
  'StyleBox',
  'StyleBoxFlat',
  'Curve',
  'Font',
  'Theme',
  'TileSet',
  'InputEvent',
  'InputEventAction',
  'ResourceFormatLoader',
  'ResourceFormatSaver',
  'RichTextEffect',
  'SkeletonModification2D',
  'SkeletonModification3D',
  'SyntaxHighlighter',
  'CodeHighlighter',
  'Translation',
  'Logger',
  'ScriptLanguageExtension',
  'TextServerExtension',
  'Thread',
]);
