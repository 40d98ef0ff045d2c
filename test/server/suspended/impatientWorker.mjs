// A network thread that soon gives up.
import './impatient.mjs';
import '../../../dist/src/io/thread/worker.js';
