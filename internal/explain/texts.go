package explain

import "github.com/synoptic-net/synoptic/tcp"

// The words of everything but diagnoses, which package diagnose asks for by id.
var (
	machineTexts     = translated[machineWords]{machineEnglish, machineZhCN, machineZhTW}
	fixTexts         = translated[fixWords]{fixEnglish, fixZhCN, fixZhTW}
	lookTexts        = translated[[3]string]{looksEnglish, looksZhCN, looksZhTW}
	stateTexts       = translated[[tcp.Closed + 1]StateText]{statesEnglish, statesZhCN, statesZhTW}
	mythTexts        = translated[map[string]MythText]{mythsEnglish, mythsZhCN, mythsZhTW}
	sourceTexts      = translated[map[string]string]{sourcesEnglish, sourcesZhCN, sourcesZhTW}
	deviationTexts   = translated[map[string]string]{nil, deviationsZhCN, deviationsZhTW}
	storyTexts       = translated[map[string]StoryText]{storiesEnglish, storiesZhCN, storiesZhTW}
	simulationTexts  = translated[simulationWords]{simulationEnglish, simulationZhCN, simulationZhTW}
	explorationTexts = translated[explorationWords]{explorationEnglish, explorationZhCN, explorationZhTW}
	correlationTexts = translated[correlationWords]{correlationEnglish, correlationZhCN, correlationZhTW}
)
