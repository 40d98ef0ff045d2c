/** The signals of ENetServer and ENetClient: those of all Godot-shaped classes. enet-server-module section 8. */
export {
  callGuarded,
  type ErrorReporter,
  isThenable,
  SignalEmitter,
  type SignalListener,
  safeReporter,
} from '../godot/internal.ts';
