/** The signals of ENetServer and ENetClient: those of all Godot-shaped classes. enet-server-module section 8. */
export { type ErrorReporter, SignalEmitter, type SignalListener } from '../godot/index.ts';
export { callGuarded, isThenable, safeReporter } from '../godot/internal.ts';
