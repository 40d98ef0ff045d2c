/** The scripts of a golden case: they only report. */
import type { VariantInput } from '../../../codec/index.ts';
import type { MirrorNode, RpcConfigInput, ScriptClass } from '../../../schema/index.ts';
import { NodeScript } from '../../../src/multiplayer/NodeScript.ts';
import type { GoldenCase, GoldenClass, GoldenEvent, GoldenRpc } from './cases.ts';
import { encode, stateOf } from './values.ts';

/** Whom scripts report to. */
export interface ScriptHost {
  tell(event: GoldenEvent): void;
  pathOf(node: MirrorNode): string;
  remoteSender(): number;
}

/** A class and those that it inherits from. */
export function classChain({ classes }: GoldenCase, name: string | undefined): GoldenClass[] {
  const chain: GoldenClass[] = [];
  for (let at = name; at !== undefined; ) {
    const found: GoldenClass | undefined = classes?.[at];
    if (found === undefined) break;
    chain.push(found);
    at = found.extends;
  }
  return chain;
}

/** The script of a class. */
export function scriptOf(golden: GoldenCase, name: string, host: ScriptHost): ScriptClass {
  const chain = classChain(golden, name).reverse();
  const methods = Object.assign({}, ...chain.map((entry) => entry.methods ?? {})) as NonNullable<
    GoldenClass['methods']
  >;
  const rpc = golden.classes?.[name]?.rpc ?? {};
  const tell = (node: MirrorNode, method: string, args: unknown[]): void => {
    host.tell({
      call: [
        host.pathOf(node),
        method,
        args.map((value) => encode((value ?? null) as VariantInput)),
        host.remoteSender(),
      ],
    });
  };
  const rpcs = Object.fromEntries(
    Object.entries(rpc).map(([method, config]) => {
      const { args: [least, most] = [0, -1], types } = methods[method] ?? {};
      return [
        method,
        {
          ...rpcInput(config),
          leastArguments: least,
          mostArguments: most < 0 ? Number.POSITIVE_INFINITY : most,
          ...(types === undefined ? {} : { argumentTypes: types }),
        },
      ];
    }),
  );
  const enters = chain.flatMap((entry) => entry.enter_tree ?? []);
  const isTold = chain.some((entry) => entry.ready === true);
  const ready = (node: MirrorNode): void => {
    if (isTold) host.tell({ ready: [host.pathOf(node), stateOf(node)] });
  };
  const script = class extends NodeScript {
    static override readonly path = pathOfClass(name);
    static override readonly rpcs = rpcs;
    override _ready(): void {
      ready(this.node);
    }
    override _enterTree(): void {
      for (const [, child] of enters)
        this.node.getNode(child)?.setMultiplayerAuthority(Number(this.node.name.replace(/\D/g, '')) || 0);
    }
  };
  for (const method of Object.keys(methods)) {
    Object.defineProperty(script.prototype, method, {
      value(this: NodeScript, ...args: unknown[]) {
        const most = methods[method]?.args[1] ?? -1;
        // Optional arguments that were not given are null in these scripts.
        while (args.length < most) args.push(null);
        tell(this.node, method, args);
      },
    });
  }
  return script;
}

/** An RPC configuration as `rpcConfig` takes it. */
export function rpcInput(config: GoldenRpc): RpcConfigInput {
  return {
    rpcMode: config.rpc_mode as 0 | 1 | 2 | undefined,
    transferMode: config.transfer_mode as 0 | 1 | 2 | undefined,
    callLocal: config.call_local,
    channel: config.channel,
  };
}

/** The path of the script of a class. */
export function pathOfClass(name: string): string {
  return `res://${name}.gd`;
}
