/**
 * The dependency directions of the project (docs/decisions/0001-sans-io-layers.md). Checked by `npm run layers`.
 * @type {import('dependency-cruiser').IConfiguration}
 */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'cycles of types alone are harmless',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'no-orphan-imports', severity: 'error', from: {}, to: { couldNotResolve: true } },
    only('codec-alone', '^codec/', '^codec/', 'codec imports nothing from elsewhere'),
    only('schema-on-codec', '^schema/', '^(schema|codec)/', 'schema knows the codec only'),
    only('enet-alone', '^src/enet/', '^src/enet/', 'the ENet core carries bytes and knows nobody'),
    only(
      'io-on-enet',
      '^src/io/',
      [
        '^src/(io|enet)/',
        '^node:',
        '^(dgram|dns|crypto|zlib|os|net|tls|events|fs|url|module|worker_threads|timers|perf_hooks)$',
        '^node_modules/',
      ].join('|'),
      'adapters implement the interfaces of src/enet',
    ),
    only(
      'godot-below-server',
      '^src/godot/',
      '^(src/(godot|enet)|codec)/',
      'sockets, clock and randomness are injected',
    ),
    only(
      'multiplayer-above-godot',
      '^src/multiplayer/',
      '^(src/(multiplayer|godot)|codec|schema)/|^(node:)?crypto$',
      'sockets, clock and randomness are injected',
    ),
    only(
      'server-above-godot',
      '^src/server/',
      '^(src/(server|godot|enet)|codec|schema)/',
      'sockets, clock and randomness are injected',
    ),
    {
      name: 'ops-above-server',
      severity: 'error',
      from: { path: '^src/ops/' },
      to: { path: '^src/(cli|inspector)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/inspector/page/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
