import { memoryDatabase } from '../../../core/testing/memory-database.ts';
import { describeDatabase } from '../../contract/database.ts';

describeDatabase('memory', async () => memoryDatabase());
