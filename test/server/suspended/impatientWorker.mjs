// A network thread that soon gives up.
import './impatient.mjs';
import '../../../dist/src/node/worker.js';
