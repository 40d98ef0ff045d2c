// A network thread that soon gives up.
import './impatient.mjs';
import '../../../dist/src/thread/worker.js';
