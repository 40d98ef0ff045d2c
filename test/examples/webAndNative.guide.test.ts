import { testGuide } from '../support/guide.ts';

testGuide('web-and-native', 2);
