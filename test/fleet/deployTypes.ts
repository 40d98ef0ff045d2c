/**
 * What Agones 1.56 and fly.io read, as types: what a file says besides is a mistake. Written after the reference of the resources
 * (agones.dev/site/docs/reference) and of fly.toml (fly.io/docs/reference/configuration), as far as `examples/deploy` may come to use them.
 * The templates of pods are those of the package kubernetes-types.
 */

type Texts = Readonly<Record<string, string>>;

/** Names and labels of a resource. */
interface Metadata {
  readonly name?: string;
  readonly namespace?: string;
  readonly labels?: Texts;
  readonly annotations?: Texts;
}

interface Priority {
  readonly type: 'Counter' | 'List';
  readonly key: string;
  readonly order?: 'Ascending' | 'Descending';
}

/** A port of a game server. With Dynamic and Static it has to say which port of the container it is. */
type GameServerPort = {
  readonly name?: string;
  readonly range?: string;
  readonly container?: string;
  readonly protocol?: 'UDP' | 'TCP' | 'TCPUDP';
} & (
  | { readonly portPolicy?: 'Dynamic'; readonly containerPort: number }
  | { readonly portPolicy: 'Static'; readonly containerPort: number; readonly hostPort: number }
  | { readonly portPolicy: 'Passthrough' }
  | { readonly portPolicy: 'None'; readonly containerPort?: number }
);

/** The specification of a game server. */
interface GameServerSpec<PodTemplate> {
  readonly container?: string;
  readonly ports?: readonly GameServerPort[];
  readonly scheduling?: 'Packed' | 'Distributed';
  readonly health?: {
    readonly disabled?: boolean;
    readonly initialDelaySeconds?: number;
    readonly periodSeconds?: number;
    readonly failureThreshold?: number;
  };
  readonly sdkServer?: {
    readonly logLevel?: 'Error' | 'Info' | 'Debug' | 'Trace';
    readonly grpcPort?: number;
    readonly httpPort?: number;
  };
  readonly counters?: Readonly<Record<string, { readonly count?: number; readonly capacity?: number }>>;
  readonly lists?: Readonly<
    Record<string, { readonly capacity?: number; readonly values?: readonly string[] }>
  >;
  readonly eviction?: { readonly safe: 'Always' | 'OnUpgrade' | 'Never' };
  readonly template: PodTemplate;
}

/** Fleet of agones.dev/v1. */
export interface Fleet<PodTemplate> {
  readonly apiVersion: 'agones.dev/v1';
  readonly kind: 'Fleet';
  readonly metadata: Metadata;
  readonly spec: {
    readonly replicas?: number;
    readonly scheduling?: 'Packed' | 'Distributed';
    readonly allocationOverflow?: { readonly labels?: Texts; readonly annotations?: Texts };
    readonly priorities?: readonly Priority[];
    readonly strategy?: {
      readonly type: 'Recreate' | 'RollingUpdate';
      readonly rollingUpdate?: {
        readonly maxSurge?: number | string;
        readonly maxUnavailable?: number | string;
      };
    };
    readonly template: { readonly metadata?: Metadata; readonly spec: GameServerSpec<PodTemplate> };
  };
}

interface BufferOfItems {
  readonly key: string;
  readonly bufferSize: number | string;
  readonly minCapacity?: number;
  readonly maxCapacity: number;
}

/** FleetAutoscaler of autoscaling.agones.dev/v1, but for its policies that ask others. */
export interface FleetAutoscaler {
  readonly apiVersion: 'autoscaling.agones.dev/v1';
  readonly kind: 'FleetAutoscaler';
  readonly metadata: Metadata;
  readonly spec: {
    readonly fleetName: string;
    readonly policy:
      | {
          readonly type: 'Buffer';
          readonly buffer: {
            readonly bufferSize: number | string;
            readonly minReplicas?: number;
            readonly maxReplicas: number;
          };
        }
      | { readonly type: 'Counter'; readonly counter: BufferOfItems }
      | { readonly type: 'List'; readonly list: BufferOfItems };
    readonly sync?: { readonly type: 'FixedInterval'; readonly fixedInterval: { readonly seconds: number } };
  };
}

interface Selector {
  readonly matchLabels?: Texts;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
    readonly values?: readonly string[];
  }[];
  readonly gameServerState?: 'Ready' | 'Allocated';
  readonly counters?: Readonly<
    Record<
      string,
      {
        readonly minCount?: number;
        readonly maxCount?: number;
        readonly minAvailable?: number;
        readonly maxAvailable?: number;
      }
    >
  >;
  readonly lists?: Readonly<
    Record<
      string,
      { readonly containsValue?: string; readonly minAvailable?: number; readonly maxAvailable?: number }
    >
  >;
}

/** GameServerAllocation of allocation.agones.dev/v1. */
export interface GameServerAllocation {
  readonly apiVersion: 'allocation.agones.dev/v1';
  readonly kind: 'GameServerAllocation';
  readonly metadata?: Metadata;
  readonly spec: {
    readonly selectors: readonly Selector[];
    readonly scheduling?: 'Packed' | 'Distributed';
    readonly priorities?: readonly Priority[];
    readonly metadata?: { readonly labels?: Texts; readonly annotations?: Texts };
    readonly counters?: Readonly<
      Record<
        string,
        { readonly action?: 'Increment' | 'Decrement'; readonly amount?: number; readonly capacity?: number }
      >
    >;
    readonly lists?: Readonly<
      Record<
        string,
        {
          readonly addValues?: readonly string[];
          readonly deleteValues?: readonly string[];
          readonly capacity?: number;
        }
      >
    >;
  };
}

/** Milliseconds, or text with a unit. */
type Duration = number | string;

interface Check {
  readonly grace_period?: Duration;
  readonly interval?: Duration;
  readonly timeout?: Duration;
}

interface HttpCheck extends Check {
  readonly method?: string;
  readonly path?: string;
  readonly protocol?: 'http' | 'https';
  readonly tls_skip_verify?: boolean;
  readonly headers?: Texts;
}

interface FlyMachines {
  readonly auto_stop_machines?: 'off' | 'stop' | 'suspend';
  readonly auto_start_machines?: boolean;
  readonly min_machines_running?: number;
  readonly processes?: readonly string[];
}

/** A service: of UDP without handlers, of TCP with them. */
type FlyService = FlyMachines & { readonly internal_port: number } & (
    | { readonly protocol: 'udp'; readonly ports: readonly { readonly port: number }[] }
    | {
        readonly protocol: 'tcp';
        readonly ports: readonly {
          readonly port?: number;
          readonly start_port?: number;
          readonly end_port?: number;
          readonly force_https?: boolean;
          readonly handlers?: readonly ('http' | 'tls' | 'pg_tls' | 'proxy_proto' | 'edge_http')[];
        }[];
        readonly concurrency?: {
          readonly type: 'connections' | 'requests';
          readonly soft_limit?: number;
          readonly hard_limit?: number;
        };
        readonly tcp_checks?: readonly Check[];
        readonly http_checks?: readonly HttpCheck[];
      }
  );

/** fly.toml. */
export interface FlyConfig {
  readonly app: string;
  readonly primary_region?: string;
  readonly kill_signal?: 'SIGINT' | 'SIGTERM' | 'SIGQUIT' | 'SIGUSR1' | 'SIGUSR2' | 'SIGKILL' | 'SIGSTOP';
  readonly kill_timeout?: number | string;
  readonly swap_size_mb?: number;
  readonly build?: {
    readonly image?: string;
    readonly dockerfile?: string;
    readonly ignorefile?: string;
    readonly 'build-target'?: string;
    readonly args?: Texts;
  };
  readonly deploy?: {
    readonly strategy?: 'canary' | 'rolling' | 'bluegreen' | 'immediate';
    readonly max_unavailable?: number;
    readonly wait_timeout?: Duration;
    readonly release_command?: string;
  };
  readonly env?: Texts;
  readonly services?: readonly FlyService[];
  readonly checks?: Readonly<
    Record<string, HttpCheck & { readonly type: 'http' | 'tcp'; readonly port: number }>
  >;
  readonly restart?: readonly {
    readonly policy: 'always' | 'never' | 'on-failure';
    readonly retries?: number;
    readonly processes?: readonly string[];
  }[];
  readonly vm?: readonly {
    readonly size?: string;
    readonly memory?: number | string;
    readonly cpus?: number;
    readonly cpu_kind?: 'shared' | 'performance';
    readonly processes?: readonly string[];
  }[];
  readonly metrics?: { readonly port: number; readonly path: string };
}
